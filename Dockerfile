# The Action's container: https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support
# Both stages stand on the same base.
ARG BASE=docker.io/library/python:3.12-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# What we depend on changes less often than what we write: layers of its own. Compiled here, since
# each run starts from a fresh copy of the image.
COPY requirements.lock /build/
RUN python -m pip wheel --quiet --require-hashes --wheel-dir /wheels --requirement /build/requirements.lock
# Left out: tests, the parts of setuptools that only a build needs, Amazon's services other than
# those of S3 and of signing in.
RUN python -m venv --without-pip /opt/lineage-diff \
    && python -m pip --python /opt/lineage-diff/bin/python install --quiet --no-index --no-deps --no-compile /wheels/*.whl \
    && find /opt/lineage-diff -type d \( -name tests -o -name test -o -name 'setuptools*' -o -name pkg_resources -o -name _distutils_hack \) -prune -exec rm -rf {} + \
    && rm -f /opt/lineage-diff/lib/python3.12/site-packages/distutils-precedence.pth \
    && find /opt/lineage-diff/lib/python3.12/site-packages/botocore/data -mindepth 1 -maxdepth 1 -type d -not -name s3 -not -name 'sts*' -not -name 'sso*' -not -name 'signin*' -exec rm -rf {} + \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/lineage-diff
COPY pyproject.toml README.md LICENSE /build/
COPY templates /build/templates
COPY src /build/src
RUN python -m pip --python /opt/lineage-diff/bin/python install --quiet --no-deps --no-compile /build \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/lineage-diff/lib/python3.12/site-packages/lineage_diff \
    && /opt/lineage-diff/bin/python -I -m lineage_diff.render.templates
# More extras of `pyproject.toml`, with commas between: `--build-arg EXTRAS=webdav,plots`. They are
# not in the lock.
ARG EXTRAS=""
RUN if [ -n "${EXTRAS}" ]; then \
        python -m pip --python /opt/lineage-diff/bin/python install --quiet --no-compile "/build[${EXTRAS}]" \
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
# Isolated: nothing of the workspace, which is the working directory, and no PYTHON… variable of a
# workflow decides what is imported.
RUN printf '#!/bin/sh\nexec /opt/lineage-diff/bin/python -I -B -X utf8 -m lineage_diff "$@"\n' > /usr/local/bin/lineage-diff \
    && chmod 0755 /usr/local/bin/lineage-diff
# Without arguments the Action's step, as GitHub's runner starts it; with arguments that command. No
# USER and no WORKDIR: the runner sets both.
ENTRYPOINT ["/opt/lineage-diff/bin/python", "-I", "-B", "-X", "utf8", "-m", "lineage_diff.github_action"]
