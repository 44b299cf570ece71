# Tidekeeper on distroless/static: CA certificates, a user, no C library, no shell.
# First, for this machine's processor: npx --yes bun@1.4.5 run image. For both: scripts/image.ts says how.
# docker build -f packaging/distroless.Dockerfile -t tidekeeper .
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETARCH
COPY dist/image/${TARGETARCH}/tidekeeper /tidekeeper
USER 65532:65532
ENTRYPOINT ["/tidekeeper"]
CMD ["run"]
