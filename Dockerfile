# The forecaster as a container: built from source in one stage, run without any build tool in the next.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY . .
# `prepare` compiles the kernels; the second install leaves only what the program runs with, and the
# drivers of PostgreSQL, Redis and S3.
RUN npm install \
  && npm run build \
  && node scripts/image-packages.ts \
  && npm install --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/bin bin
COPY --from=build /src/build/kernels build/kernels
COPY --from=build /src/data data
COPY --from=build /src/dist dist
COPY --from=build /src/node_modules node_modules
RUN ln -s /app/bin/tickerflow.js /usr/local/bin/tickerflow \
  && mkdir /data \
  && chown node:node /data
# Everything that is written goes below /data; the rest of the file system may be read-only.
USER node
WORKDIR /data
VOLUME /data
ENV TICKERFLOW_STORE=/data/store
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tickerflow"]
# Beyond the container every request needs a key: `tickerflow keys create --name NAME`.
CMD ["serve", "--host", "0.0.0.0", "--auth"]
