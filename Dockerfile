# Two stages: the first installs, the second only runs. Nothing is fetched that the lock does not name with its hash.
# docker build --build-arg LOCK=requirements-postgres.lock .   adds the driver for PostgreSQL.
FROM python:3.11-slim AS build
ARG LOCK=requirements.lock
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /app
COPY requirements.lock requirements-postgres.lock ./
RUN /app/bin/pip install --require-hashes -r "$LOCK"
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY adapters ./adapters
COPY store ./store
RUN /app/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin broadsheet \
    && install -d -o broadsheet -g broadsheet -m 0700 /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BROADSHEET_DATA_DIR=/data
USER broadsheet
WORKDIR /data
VOLUME /data
EXPOSE 8080
# /healthz asks for no token. The slim image has no curl; Python is there anyway.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
# A container is reached from beyond its own loopback, so the page asks for a token: see docs/operations.md.
CMD ["broadsheet", "run", "--host", "0.0.0.0", "--port", "8080"]
