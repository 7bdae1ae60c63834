# One image for every command: `api` unless another is named. Without SAGA_MODULES it runs the billing example.
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY prisma ./prisma
COPY src ./src
COPY console ./console
RUN npm run generate && npm run build

# What is imported at run time, and no more: no peers (they bring Prisma's command line), no optional binaries, and of Prisma's
# query compilers the one that the generated client loads.
FROM node:${NODE_VERSION}-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --omit=peer --ignore-scripts --no-audit --no-fund \
  && find node_modules/@prisma/client/runtime -name 'query_compiler_*' ! -name 'query_compiler_fast_bg.postgresql.*' -delete \
  && find node_modules -type f '(' -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' ')' -delete

FROM node:${NODE_VERSION}-slim
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Backstep" \
  org.opencontainers.image.description="Sagas on BullMQ: steps forward, compensations in reverse" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# Others reach a container's ports, so the API does not start without API_KEYS. METRICS_PORT is for workers and the autoscaler, which
# ask nobody for a key there: it is not for publishing.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 METRICS_PORT=9464 DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY prisma ./prisma
COPY deploy/docker/healthcheck.mjs ./
# Only the sandbox provider writes: its books.
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 3000 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "healthcheck.mjs"]
# In its exec form: SIGTERM reaches Node, which ends in order by it.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["api"]
