FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/paperwire && /opt/paperwire/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE.md ./
COPY src ./src
ARG VERSION=
RUN SETUPTOOLS_SCM_PRETEND_VERSION_FOR_PAPERWIRE=$VERSION /opt/paperwire/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --create-home --home-dir /data --uid 10001 paperwire
COPY --from=build /opt/paperwire /opt/paperwire
ENV PATH=/opt/paperwire/bin:$PATH PYTHONUNBUFFERED=1 \
    PAPERWIRE_DATABASE__URL=sqlite+aiosqlite:////data/paperwire.db \
    PAPERWIRE_WEB__HOST=0.0.0.0
USER paperwire
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8001/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["paperwire"]
CMD ["run"]
