// Waiting, as a promise. By the timers of the process, so that whoever owns those (a test, the simulator) owns
// what waits for them.

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Everything that was ready in this turn of the event loop has run. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
