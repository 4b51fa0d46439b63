// A key or a token becomes a session. What was typed stays in the field until it is known, and nowhere afterwards.

import { Alert, Button, Card, Center, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { IconBuildingStore } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useWords, wordsOf } from "../i18n.ts";
import { useRefusal } from "../refusal.ts";
import { signIn } from "../session.tsx";

const words = wordsOf(
  {
    title: "Sign in to Onhand",
    secret: "API key or token",
    hint: "A key begins with ohk_. The first one is in the file admin.key in the service's data folder.",
    signIn: "Sign in",
  },
  {
    title: "Entrar en Onhand",
    secret: "Clave de API o token",
    hint: "Una clave empieza por ohk_. La primera está en el archivo admin.key de la carpeta de datos del servicio.",
    signIn: "Entrar",
  },
);

export function SignIn() {
  const say = useWords(words);
  const sayRefusal = useRefusal();
  const [secret, setSecret] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [isRunning, setRunning] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setRunning(true);
    setError(null);
    try {
      await signIn(secret.trim());
    } catch (refused) {
      setError(refused);
      setRunning(false);
    }
  }

  return (
    <Center mih="100vh" p="md" component="main">
      <Card withBorder w="100%" maw={420} padding="xl">
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <IconBuildingStore size={40} aria-hidden color="var(--mantine-primary-color-filled)" />
            <Title order={1} size="h2">
              {say("title")}
            </Title>
            <PasswordInput
              label={say("secret")}
              value={secret}
              onChange={(event) => setSecret(event.currentTarget.value)}
              autoComplete="current-password"
              required
              data-autofocus
            />
            <Text size="sm" c="dimmed">
              {say("hint")}
            </Text>
            {error !== null && (
              <Alert color="red" role="alert">
                {sayRefusal(error)}
              </Alert>
            )}
            <Button type="submit" loading={isRunning} disabled={secret.trim() === ""}>
              {say("signIn")}
            </Button>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
