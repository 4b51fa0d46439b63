// One page that fails leaves the others, and says so with a way on: all of it anew, because a part of it that could not
// be loaded once is not asked for again. (Only a class can catch what a page throws.)

import { Button, Stack, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useWords } from "../i18n.ts";
import { shellWords } from "../words/shell.ts";

interface Props {
  readonly children: ReactNode;
}

export class PageBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <Failed />;
  }
}

function Failed() {
  const say = useWords(shellWords);
  return (
    <Stack align="flex-start" role="alert">
      <Text>{say("failed")}</Text>
      <Button onClick={() => location.reload()}>{say("retry")}</Button>
    </Stack>
  );
}
