// For admins: which systems are told of events, and behind the list one of them with what was sent to it.

import { Route, Switch } from "wouter";
import { WebhookList } from "../webhooks/list.tsx";
import { WebhookView } from "../webhooks/one-view.tsx";

export function Webhooks() {
  return (
    <Switch>
      <Route path="/webhooks/:id">{({ id }) => <WebhookView key={id} id={id} />}</Route>
      <Route>
        <WebhookList />
      </Route>
    </Switch>
  );
}
