# docker build -t sidekick .
# docker run -v "$PWD/sidekick.yaml:/etc/sidekick/sidekick.yaml:ro" sidekick
#
# BASE has Node.js 24, npm, and tini-static or apt-get: all Debian images called node have. The image has none of it, but one executable:
# RUNTIME has a C library and libstdc++, as Debian's images and those of haproxy and nginx on Debian have.
ARG BASE=node:24-bookworm-slim
ARG RUNTIME=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
# Process 1 has to wait for the processes that a check or a reload leaves behind, which Node.js does not do.
RUN command -v tini-static || { apt-get update && apt-get install --yes --no-install-recommends tini binutils; } \
  && cp "$(command -v tini-static)" /build/tini
COPY package.json package-lock.json rolldown.config.js ./
# The workspace is another Node.js, for development.
RUN npm ci --workspaces=false --ignore-scripts
COPY agents agents
COPY cli cli
COPY lib lib
COPY bin bin
COPY templates templates
COPY deploy/package deploy/package
# The modes are those of the checkout, which only its owner may read where the umask is strict.
RUN npm run build && node deploy/package/make.ts --executable --out /build/made \
  && mv /build/made/sidekick-linux-* /build/sidekick && chmod 755 /build/sidekick /build/tini

FROM ${RUNTIME}
COPY --from=build /build/tini /build/sidekick /usr/local/bin/
# Two megabytes for young objects instead of sixteen: less memory at the same speed.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=2
# By its number, so that Kubernetes sees that it is not root. Its socket lies in /tmp, root's in /run/sidekick.
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["sidekick", "status", "--healthy"]
# -s: it also does so where it is not process 1, as with docker run --init.
ENTRYPOINT ["tini", "-s", "--", "sidekick"]
# With /etc/sidekick/sidekick.yaml, or without it by ELB_NAME and other variables.
CMD ["run"]
