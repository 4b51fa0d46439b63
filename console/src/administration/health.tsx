// How the service and what it relies on are, asked every few seconds; of the instance that happens to answer.

import { Badge, Card, DataList, Group, Skeleton, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleMinus,
  IconCircleX,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { client } from "../client.ts";
import { formatNumber, formatTime, useWords } from "../i18n.ts";
import { Fact } from "./fact.tsx";
import { adminWords } from "./words.ts";

const everyMs = 5_000;

const looks = {
  healthy: { color: "teal", Icon: IconCircleCheck },
  connected: { color: "teal", Icon: IconCircleCheck },
  degraded: { color: "orange", Icon: IconAlertTriangle },
  disabled: { color: "gray", Icon: IconCircleMinus },
  disconnected: { color: "red", Icon: IconCircleX },
  unavailable: { color: "red", Icon: IconCircleX },
  unreachable: { color: "red", Icon: IconCircleX },
} as const;

export function Health() {
  const say = useWords(adminWords);
  const { data, isError } = useQuery({
    queryKey: ["health"],
    queryFn: () => client.health.get({ retries: 0, timeoutMs: everyMs }),
    refetchInterval: everyMs,
    staleTime: 0,
  });
  const status = isError ? "unreachable" : data?.status;
  return (
    <Card withBorder component="section" aria-labelledby="admin-health">
      <Group justify="space-between" mb="sm">
        <Title order={3} size="h4" id="admin-health">
          {say("health")}
        </Title>
        <div role="status">{status !== undefined && <State of={status} />}</div>
      </Group>
      {data === undefined && !isError && <Skeleton h={200} />}
      {data !== undefined && (
        <DataList labelWidth={190}>
          <Fact label={say("database")}>
            <State of={data.database} />
          </Fact>
          <Fact label={say("redis")}>
            <State of={data.redis} />
          </Fact>
          <Fact label={say("lag")}>
            <span className="numbers">
              {data.event_lag === null ? say("lagNone") : formatNumber(data.event_lag)}
            </span>
          </Fact>
          <Fact label={say("version")}>{data.version}</Fact>
          <Fact label={say("instance")}>{data.instance_id}</Fact>
          <Fact label={say("seen")}>
            <span className="numbers">{formatTime(data.timestamp)}</span>
          </Fact>
        </DataList>
      )}
    </Card>
  );
}

function State({ of }: { readonly of: keyof typeof looks }): ReactNode {
  const say = useWords(adminWords);
  const { color, Icon } = looks[of];
  return (
    <Badge size="lg" variant="light" color={color} leftSection={<Icon size={16} aria-hidden />}>
      {say(of)}
    </Badge>
  );
}
