# The container image. scripts/release writes the directory to build it from, target/dist/container, which holds this file and the
# static program of each architecture:
#   docker buildx build --platform linux/amd64,linux/arm64 target/dist/container
# The base holds CA certificates, time zones and the user nonroot, and neither a shell nor a package manager.
FROM gcr.io/distroless/static-debian12:nonroot

ARG TARGETOS
ARG TARGETARCH
COPY --chmod=0755 ${TARGETOS}/${TARGETARCH}/kopsform /usr/local/bin/kopsform

LABEL org.opencontainers.image.title="kopsform" \
      org.opencontainers.image.description="Kubernetes clusters on AWS and Google Cloud from kops specs" \
      org.opencontainers.image.licenses="Apache-2.0"

# Projects are mounted here: docker run --rm -v "$PWD:/project" …
WORKDIR /project
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/kopsform"]
CMD ["help"]
