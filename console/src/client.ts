// The only door to the service: the typed client, with the browser's session cookie.

import { createClient } from "@onhand/client";

export const client = createClient();
