# The Action's container: https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support
# Both stages stand on the same base.
ARG BASE=docker.io/library/python:3.12-slim-bookworm

# On the machine that builds, for either processor: wheels are only unpacked, and Python compiles its
# modules to the same bytes on both. BuildKit sets both arguments, the second only without a default;
# an older builder may set neither, and then builds on x86.
FROM --platform=${BUILDPLATFORM:-linux/amd64} ${BASE} AS build
ARG TARGETARCH
# Whom the base trusts, uv trusts, as pip does.
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore \
    UV_NO_CACHE=1 UV_NATIVE_TLS=1
# Nothing is compiled for the wrong processor: wheels only, but for one package of plain Python.
RUN python -m pip install --quiet uv==0.9.5 \
    && python -m venv --without-pip /opt/lineage-diff \
    && case "${TARGETARCH}" in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; *) machine="$(uname -m)" ;; esac \
    && printf '#!/bin/sh\nexec uv pip install --quiet --python /opt/lineage-diff/bin/python --python-platform %s-manylinux_2_36 --only-binary=:all: --no-binary=antlr4-python3-runtime "$@"\n' "${machine}" > /usr/local/bin/install-wheels \
    && chmod 0755 /usr/local/bin/install-wheels
# What we depend on changes less often than what we write: layers of its own. Compiled here, since
# each run starts from a fresh copy of the image.
COPY requirements.lock /build/
# Left out: tests, the parts of setuptools that only a build needs, Amazon's services other than
# those of S3 and of signing in.
RUN install-wheels --no-deps --require-hashes --requirement /build/requirements.lock \
    && find /opt/lineage-diff -type d \( -name tests -o -name test -o -name 'setuptools*' -o -name pkg_resources -o -name _distutils_hack \) -prune -exec rm -rf {} + \
    && rm -f /opt/lineage-diff/lib/python3.12/site-packages/distutils-precedence.pth \
    && find /opt/lineage-diff/lib/python3.12/site-packages/botocore/data -mindepth 1 -maxdepth 1 -type d -not -name s3 -not -name 'sts*' -not -name 'sso*' -not -name 'signin*' -exec rm -rf {} + \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/lineage-diff
COPY pyproject.toml README.md LICENSE /build/
COPY templates /build/templates
COPY src /build/src
RUN install-wheels --no-deps --no-binary=lineage-diff /build \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/lineage-diff/lib/python3.12/site-packages/lineage_diff
# More extras of `pyproject.toml`, with commas between: `--build-arg EXTRAS=webdav,plots`. They are
# not in the lock.
ARG EXTRAS=""
RUN if [ -n "${EXTRAS}" ]; then \
        install-wheels --no-binary=lineage-diff "/build[${EXTRAS}]" \
        && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/lineage-diff; \
    fi

FROM ${BASE}
LABEL org.opencontainers.image.title="lineage-diff" \
      org.opencontainers.image.description="Tells what a pull request does to a team's DVC models" \
      org.opencontainers.image.source="https://github.com/lineage-diff/lineage-diff" \
      org.opencontainers.image.documentation="https://github.com/lineage-diff/lineage-diff/blob/main/docs/action.md" \
      org.opencontainers.image.licenses="Apache-2.0"
# The base comes with its modules not compiled. Of what Git brings, its servers and the library of
# Perl are left out; the base's own small Perl, which Debian's package tools need, stays.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git=1:2.39.* \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /usr/share/locale/* /usr/share/man/* \
        /usr/share/doc/git /usr/share/gitweb /usr/share/perl/5.* /usr/lib/*/perl/5.* \
    && for name in git-daemon git-http-backend git-http-push git-imap-send git-shell git-sh-i18n--envsubst scalar; do \
        rm -f "/usr/lib/git-core/$name"; \
    done \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x 'site-packages|/test|idlelib|lib2to3|ensurepip' /usr/local/lib/python3.12
COPY --from=build /opt/lineage-diff /opt/lineage-diff
# The first that runs on the image's own processor.
RUN /opt/lineage-diff/bin/python -I -m lineage_diff.render.templates
# Isolated: nothing of the workspace, which is the working directory, and no PYTHON… variable of a
# workflow decides what is imported.
RUN printf '#!/bin/sh\nexec /opt/lineage-diff/bin/python -I -B -X utf8 -m lineage_diff "$@"\n' > /usr/local/bin/lineage-diff \
    && chmod 0755 /usr/local/bin/lineage-diff
# Without arguments the Action's step, as GitHub's runner starts it; with arguments that command. No
# USER and no WORKDIR: the runner sets both.
ENTRYPOINT ["/opt/lineage-diff/bin/python", "-I", "-B", "-X", "utf8", "-m", "lineage_diff.github_action"]
