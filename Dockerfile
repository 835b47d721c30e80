# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches outlive the layer, so the binary is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked && cp target/release/loa /usr/local/bin/loa

FROM debian:bookworm-slim
# Portals and the Bot API are trusted by the system's certificates.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin loa \
    && install -d -o loa -g loa /data
COPY --from=build /usr/local/bin/loa /usr/local/bin/loa
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/loa/
USER loa
WORKDIR /data
VOLUME /data
ENV LOA__DATABASE__URL=sqlite:/data/loa.db \
    LOA__WEB__LISTEN=0.0.0.0:8080
EXPOSE 8080
# bash speaks HTTP well enough for this; it saves a program in the image.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n1 <&3 | grep -q ' 200 '"]
# What is under way is finished first: give it `docker stop --time 60`, or stop_grace_period in compose.
STOPSIGNAL SIGTERM
ENTRYPOINT ["loa"]
CMD ["serve"]
