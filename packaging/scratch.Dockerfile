# Tidekeeper on scratch: the static binary, CA certificates, and nothing else.
# First, for this machine's processor: npx --yes bun@1.4.5 run image. For both: scripts/image.ts says how.
# docker build -f packaging/scratch.Dockerfile -t tidekeeper .
FROM debian:12-slim AS files
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates

FROM scratch
COPY --from=files /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# The runtime has Mozilla's list of some day in it; with this it reads the newer one.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ARG TARGETARCH
COPY dist/image/${TARGETARCH}/tidekeeper /tidekeeper
USER 65532:65532
ENTRYPOINT ["/tidekeeper"]
CMD ["run"]
