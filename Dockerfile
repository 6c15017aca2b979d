# A release names this base by its digest.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/paperwire \
    && pip --python /opt/paperwire install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml setup.py README.md LICENSE NOTICE.md ./
COPY src ./src
# The tag is not in the context, so a release says its version here.
ARG VERSION=
RUN SETUPTOOLS_SCM_PRETEND_VERSION_FOR_PAPERWIRE=$VERSION pip --python /opt/paperwire install --no-cache-dir --no-deps .

FROM ${BASE}
# Nothing is installed in what runs. The folder's owner is whoever runs it; a number needs no name in /etc/passwd.
RUN pip uninstall --yes --root-user-action=ignore pip && install -d -o 10001 -g 10001 -m 700 /data
COPY --from=build /opt/paperwire /opt/paperwire
ENV PATH=/opt/paperwire/bin:$PATH HOME=/data PYTHONUNBUFFERED=1 \
    PAPERWIRE_DATABASE__URL=sqlite+aiosqlite:////data/paperwire.db \
    PAPERWIRE_WEB__HOST=0.0.0.0
ARG VERSION=
LABEL org.opencontainers.image.title=Paperwire \
    org.opencontainers.image.description="New papers by chat, mail and feed, matched against your queries" \
    org.opencontainers.image.licenses=MIT \
    org.opencontainers.image.version=$VERSION
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["paperwire", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["paperwire"]
CMD ["run"]
