# One image for all services and both websites. What a container runs is its command: see compose.yaml.

FROM python:3.11.16-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/shop
ENV PATH=/opt/shop/bin:$PATH
WORKDIR /build

# Two packages come as source only. They are built with the locked setuptools, so that has to be there first.
COPY requirements.lock .
RUN awk '/^[^ #]/ { wanted = /^setuptools==/ } wanted' requirements.lock > setuptools.lock \
    && pip install --require-hashes --requirement setuptools.lock \
    && pip install --require-hashes --no-build-isolation --use-pep517 --requirement requirements.lock

COPY . .
RUN pip install --no-deps --no-build-isolation --use-pep517 . \
    && python -m compileall -q /opt/shop/lib


FROM python:3.11.16-slim-bookworm

ENV PATH=/opt/shop/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Made here, so that a new volume belongs to the user.
RUN groupadd --gid 10001 shop \
    && useradd --uid 10001 --gid shop --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin shop \
    && install --directory --owner=shop --group=shop --mode=0700 /data
COPY --from=build /opt/shop /opt/shop
COPY deploy/with-secrets.sh /usr/local/bin/with-secrets
COPY config.yaml /srv/shop/config.yaml
WORKDIR /srv/shop
USER 10001:10001
ENTRYPOINT ["with-secrets"]
CMD ["shop", "--help"]
