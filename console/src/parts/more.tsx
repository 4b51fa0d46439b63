// The rest of a list: it is read when its end comes into sight, or by the button, which a keyboard reaches too.

import { Button, Center } from "@mantine/core";
import { useIntersection } from "@mantine/hooks";
import { useEffect } from "react";
import { useWords, wordsOf } from "../i18n.ts";
import type { Paged } from "../paged.ts";

const words = wordsOf({ more: "Show more" }, { more: "Mostrar más" });

export function More({
  list: { hasMore, isReading, readMore, error },
}: {
  readonly list: Paged<unknown>;
}) {
  const say = useWords(words);
  const { ref, entry } = useIntersection({ rootMargin: "300px" });
  const isInSight = entry?.isIntersecting === true;
  useEffect(() => {
    // After a failure the person decides.
    if (isInSight && hasMore && !isReading && error === null) readMore();
  }, [isInSight, hasMore, isReading, error, readMore]);
  if (!hasMore) return null;
  return (
    <Center ref={ref} py="md">
      <Button variant="default" size="md" loading={isReading} onClick={readMore}>
        {say("more")}
      </Button>
    </Center>
  );
}
