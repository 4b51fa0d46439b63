// Reservations: the list, and behind it one of them or one group.

import { Route, Switch } from "wouter";
import { GroupView } from "../reservations/group-view.tsx";
import { ReservationList } from "../reservations/list.tsx";
import { ReservationView } from "../reservations/one-view.tsx";

export function Reservations() {
  return (
    <Switch>
      <Route path="/reservations/group/:id">{({ id }) => <GroupView key={id} id={id} />}</Route>
      <Route path="/reservations/:id">{({ id }) => <ReservationView key={id} id={id} />}</Route>
      <Route>
        <ReservationList />
      </Route>
    </Switch>
  );
}
