# Tidekeeper on distroless/base-nossl: glibc, CA certificates, a user, no shell.
# Build the binary first: npx --yes bun@1.4.5 run compile
# docker build -f packaging/distroless.Dockerfile -t tidekeeper .
FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY dist/tidekeeper /tidekeeper
USER 65532:65532
ENTRYPOINT ["/tidekeeper"]
CMD ["run"]
