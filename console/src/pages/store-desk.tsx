// One store, for a finger: its products, what is done with them all day, and who is coming to collect. The address says
// which store and which product is open, so that "back" closes the product.

import { Button, Center, Loader, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconBuildingStore } from "@tabler/icons-react";
import { useIsFetching } from "@tanstack/react-query";
import { Link, useRoute } from "wouter";
import { useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { useStores } from "../queries.ts";
import { useSession } from "../session.tsx";
import { Desk } from "../store-desk/desk.tsx";
import { deskWords } from "../store-desk/words.ts";

export function StoreDesk() {
  const say = useWords(deskWords);
  const [, params] = useRoute("/store/:storeId?/:productId?");
  const { stores: mine } = useSession();
  const all = useStores();
  const isReading = useIsFetching({ queryKey: ["stores"] }) > 0 && all.length === 0;
  const open = all.filter(({ id }) => mine === "*" || mine.includes(id));
  const wanted = params?.storeId ?? (open.length === 1 ? open[0]?.id : undefined);
  const store = open.find(({ id }) => id === wanted);
  if (isReading) {
    return (
      <Center mih="50vh">
        <Loader />
      </Center>
    );
  }
  if (store !== undefined) {
    const productId = params?.productId ?? null;
    return <Desk key={store.id} store={store} productId={productId} isOnly={open.length === 1} />;
  }
  return (
    <>
      <PageHead title={say("title")} />
      {open.length === 0 ? (
        <Nothing text={say("noStores")} />
      ) : (
        <Stack>
          <Text>{wanted === undefined ? say("choose") : say("notYours")}</Text>
          <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
            {open.map(({ id, name }) => (
              <Button
                key={id}
                component={Link}
                href={`/store/${id}`}
                variant="default"
                h={88}
                justify="flex-start"
                leftSection={<IconBuildingStore size={28} aria-hidden />}
              >
                <Stack gap={0} align="flex-start">
                  <Text fw={600}>{name}</Text>
                  <Text size="sm" c="dimmed">
                    {id}
                  </Text>
                </Stack>
              </Button>
            ))}
          </SimpleGrid>
        </Stack>
      )}
    </>
  );
}
