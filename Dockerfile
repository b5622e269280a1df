# The runtime. Debian 13 for its glibc (2.41): the Chroma that comes with the npm package `chromadb` needs 2.38 or newer.
# Build from the root of the repository: docker build -t openwebui-rag-runtime .

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY runtime/package.json runtime/
COPY tools/chroma-binding/package.json tools/chroma-binding/
RUN npm ci
COPY runtime/tsconfig.json runtime/
COPY runtime/src runtime/src
RUN npm run build:runtime

FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY runtime/package.json runtime/
COPY tools/chroma-binding/package.json tools/chroma-binding/
RUN npm ci --omit=dev --ignore-scripts --workspace=runtime

FROM node:24-trixie-slim
WORKDIR /app
COPY LICENSE ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/runtime runtime
COPY runtime/bin runtime/bin
COPY --from=build /app/runtime/dist runtime/dist
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "runtime/bin/openwebui-rag-runtime.cjs"]
