# Builds the binary in one stage and carries nothing else into the next.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY src src
COPY config config
COPY benches benches
COPY tests tests
RUN cargo build --locked --profile dist --bin why-no-recording

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/target/dist/why-no-recording /usr/local/bin/why-no-recording
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/why-no-recording"]
