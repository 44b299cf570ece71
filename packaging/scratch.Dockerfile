# Tidekeeper on scratch: the binary, the five glibc files it links to, CA certificates, and nothing else. For x86-64.
# Build the binary first: npx --yes bun@1.4.5 run compile
# docker build -f packaging/scratch.Dockerfile -t tidekeeper .
FROM debian:12-slim AS files
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates
RUN mkdir -p /root-fs/lib64 /root-fs/lib/x86_64-linux-gnu /root-fs/etc/ssl/certs \
 && cp -L /lib64/ld-linux-x86-64.so.2 /root-fs/lib64/ \
 && for file in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0; do \
      cp -L "/lib/x86_64-linux-gnu/$file" /root-fs/lib/x86_64-linux-gnu/; done \
 && cp -L /etc/ssl/certs/ca-certificates.crt /root-fs/etc/ssl/certs/

FROM scratch
COPY --from=files /root-fs/ /
COPY dist/tidekeeper /tidekeeper
USER 65532:65532
ENTRYPOINT ["/tidekeeper"]
CMD ["run"]
