// Whether the service of this container may get traffic: exit code 0 if /readyz says so within the time, else 1
// and why. By Node, because the image has no curl.

const port = process.env["PORT"] ?? "8080";
try {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, {
    signal: AbortSignal.timeout(4_000),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${said}`);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
