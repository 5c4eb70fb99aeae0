# docker build -t sidekick .
# docker run -v ./sidekick.yaml:/etc/sidekick/sidekick.yaml sidekick
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY .ci/toolchain .ci/toolchain
RUN npm ci
COPY agents agents
COPY lib lib
COPY bin bin
COPY templates templates
RUN npm run build && npm prune --omit=dev --omit=optional

FROM ${BASE}
# Two megabytes for young objects instead of sixteen: less memory at the same speed.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=2
COPY --from=build /build/package.json /sidekick/
COPY --from=build /build/node_modules /sidekick/node_modules
COPY --from=build /build/bin /sidekick/bin
COPY --from=build /build/dist /sidekick/dist
COPY --from=build /build/templates /sidekick/templates
USER node
ENTRYPOINT ["node", "/sidekick/bin/sidekick.js"]
CMD ["run", "-c", "/etc/sidekick/sidekick.yaml"]
