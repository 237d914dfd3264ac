# Builds the binary in one stage and carries nothing else into the next.
#   docker build -t why-no-recording --build-arg VERSION=0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" .
# For several architectures each is built on its own platform, on a builder of that platform or under emulation, which
# is slow; nothing is compiled for another machine here:
#   docker buildx build --platform linux/amd64,linux/arm64 …
#
# A tag can move, a digest can't. To build from images that you checked, pass their digests:
#   docker buildx imagetools inspect rust:1.95.0-alpine --format '{{.Manifest.Digest}}'
#   docker buildx imagetools inspect gcr.io/distroless/static-debian12:nonroot --format '{{.Manifest.Digest}}'
#   docker build --build-arg BUILD_IMAGE=rust:1.95.0-alpine@sha256:… \
#     --build-arg RUN_IMAGE=gcr.io/distroless/static-debian12:nonroot@sha256:… .
ARG BUILD_IMAGE=rust:1.95.0-alpine
ARG RUN_IMAGE=gcr.io/distroless/static-debian12:nonroot

# Alpine's compiler links with musl, and so into one file that needs no library.
FROM ${BUILD_IMAGE} AS build
# Alpine keeps one version of a package for each of its releases, and the release is that of the image.
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
ARG TARGETARCH
# It is empty without buildx, and then the machine's own.
RUN case "$TARGETARCH" in "" | amd64 | arm64) ;; \
      *) echo "why-no-recording is not tried on $TARGETARCH" >&2; exit 1 ;; esac
WORKDIR /build

# The dependencies alone first: as long as they stay the same, this layer is not built again. The compiler is that
# of the image; rust-toolchain.toml would make rustup fetch what only a developer needs.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches tests/it \
    && for stub in src/main.rs src/lib.rs benches/diagnose.rs benches/webhooks.rs tests/it/main.rs; do \
         echo 'fn main() {}' > "$stub" || exit 1; \
       done \
    && cargo build --locked --profile dist --bin why-no-recording \
    && rm -r src

COPY src src
COPY config config
# Older than the stand-ins that were just built, they would not be built at all.
RUN touch src/main.rs src/lib.rs \
    && cargo build --locked --profile dist --bin why-no-recording \
    && mkdir data

# The tag in RUN_IMAGE is that of a user who is not root.
FROM ${RUN_IMAGE}
COPY --from=build /build/target/dist/why-no-recording /usr/local/bin/why-no-recording
# Only the database is written. Mount a volume here; the rest may be read-only.
COPY --from=build --chown=65532:65532 /build/data /data
USER 65532:65532
VOLUME /data
# Metrics and the details of /readyz have a port of their own, which doesn't have to be public.
ENV DATABASE_URL=sqlite:///data/wnr.db HTTP_LISTEN=0.0.0.0:8080 HTTP_METRICS_LISTEN=0.0.0.0:8081
EXPOSE 8080 8081
HEALTHCHECK --interval=30s --timeout=6s --start-period=5s CMD ["/usr/local/bin/why-no-recording", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/why-no-recording"]
CMD ["serve"]

# Last, since they change with each build.
ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="why-no-recording" \
      org.opencontainers.image.description="Find out why a Recall.ai meeting bot didn't record, and how to fix it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
