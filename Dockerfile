# syntax=docker/dockerfile:1
# The image of Onhand: the service with its packages and the built console, and nothing that builds or tests it.
#
#   docker build -t onhand:0.1.0 .
#
# - It runs as user 1000 and writes to /data only, so the root may be read-only (docker run --read-only).
# - Node is the version of the lockfile. To pin the base by its digest too:
#   --build-arg NODE_IMAGE=node:26.10.0-bookworm-slim@sha256:…
# - SIGTERM stops it: what was accepted is finished within 25 s, so give it 30 before a kill
#   (docker run --stop-timeout 30).

ARG NODE_IMAGE=node:26.10.0-bookworm-slim

FROM ${NODE_IMAGE} AS console
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY scripts/link-node.mjs scripts/build-console.mjs scripts/
COPY sdk sdk
COPY console console
RUN npm ci

# No optional packages: those are Node again, for machines that have none.
FROM ${NODE_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
COPY console/package.json console/
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    ONHAND_DATA_DIR=/data
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /build/node_modules node_modules
COPY --from=console /build/console/dist console/dist
COPY deploy/docker/healthcheck.mjs deploy/docker/
COPY src src
# The command line speaks to a service by the client.
COPY sdk/src sdk/src
# What is a volume later gets the owner that it has here.
RUN install -d -o 1000 -g 1000 -m 700 /data
VOLUME /data
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/app/deploy/docker/healthcheck.mjs"]
CMD ["node", "src/cli/onhand.js", "serve"]
