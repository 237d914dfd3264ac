# Builds the binary in one stage and carries nothing else into the next.
# Alpine's compiler links with musl, and so into one file that needs no library.
FROM rust:1.95.0-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build

# The dependencies alone first: as long as they stay the same, this layer is not built again. The compiler is that
# of the image; rust-toolchain.toml would make rustup fetch what only a developer needs.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches tests/it \
    && echo 'fn main() {}' | tee src/main.rs benches/diagnose.rs benches/webhooks.rs tests/it/main.rs > src/lib.rs \
    && cargo build --locked --profile dist --bin why-no-recording \
    && rm -r src

COPY src src
COPY config config
# Older than the stand-ins that were just built, they would not be built at all.
RUN touch src/main.rs src/lib.rs \
    && cargo build --locked --profile dist --bin why-no-recording \
    && mkdir data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /build/target/dist/why-no-recording /usr/local/bin/why-no-recording
# The database is all that is written. Mount a volume here, and the rest may be read-only.
COPY --from=build --chown=65532:65532 /build/data /data
USER 65532:65532
VOLUME /data
ENV DATABASE_URL=sqlite:///data/wnr.db HTTP_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=5s CMD ["/usr/local/bin/why-no-recording", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/why-no-recording"]
CMD ["serve"]
