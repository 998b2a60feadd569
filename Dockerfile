# fakes3part serve in a container; docs/guides/container.md says more.
#   docker build -t fakes3part . && docker run --rm -p 4580:4580 fakes3part
FROM python:3.13-alpine AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY fakes3part fakes3part
COPY conftest_plugin conftest_plugin
# Extras, such as --build-arg EXTRAS=[tls]
ARG EXTRAS=""
RUN python -m venv --without-pip /opt/fakes3part && \
    python -m pip --python /opt/fakes3part/bin/python install --no-cache-dir --prefer-binary ".${EXTRAS}"

FROM python:3.13-alpine
COPY --from=build /opt/fakes3part /opt/fakes3part
ENV PATH="/opt/fakes3part/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
EXPOSE 4580
USER 10001:10001
WORKDIR /tmp
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=3 CMD ["fakes3part", "health"]
ENTRYPOINT ["fakes3part", "serve", "--host", "0.0.0.0"]
