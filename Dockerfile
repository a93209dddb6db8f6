# A container that builds on schedule. It needs a Prefect server (PREFECT_API_URL) and volumes for the warehouse and the news:
#
#     docker build -t ontherecord .
#     docker run -e PREFECT_API_URL=http://prefect:4200/api -v warehouse:/warehouse -v /srv/news:/news:ro ontherecord
FROM python:3.12-slim AS build
WORKDIR /src
COPY constraints.txt ./
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --no-cache-dir --no-deps --require-hashes --requirement constraints.txt
COPY . .
RUN /venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 ontherecord \
    && install --directory --owner ontherecord /warehouse
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    ONTHERECORD_WAREHOUSE=/warehouse \
    DO_NOT_TRACK=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /warehouse
VOLUME /warehouse
# Unhealthy once the sources were not looked at for over a day; the first build may take its time.
HEALTHCHECK --interval=10m --timeout=1m --start-period=2h CMD ["ontherecord", "status", "--max-age", "26h"]
ENTRYPOINT ["ontherecord"]
CMD ["schedule", "--cron", "0 2 * * *"]
