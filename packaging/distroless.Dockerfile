# Tidekeeper on distroless/static: CA certificates, a user, no C library, no shell.
# Build the binary first: REQUIRE_STATIC=1 npx --yes bun@1.4.5 run compile
# docker build -f packaging/distroless.Dockerfile -t tidekeeper .
FROM gcr.io/distroless/static-debian12:nonroot
COPY dist/tidekeeper /tidekeeper
USER 65532:65532
ENTRYPOINT ["/tidekeeper"]
CMD ["run"]
