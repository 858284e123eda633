# Two images: `api` (pages and JSON) and `bot` (Rasa). Neither runs as root; neither has build tools in it.
# Build: docker build --target api -t know-api .   and   docker build --target bot -t know-bot .

FROM python:3.11-slim AS api-packages
COPY requirements/uv.txt requirements/api.txt /requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r /requirements/uv.txt \
 && uv venv /venv && VIRTUAL_ENV=/venv uv pip sync --no-cache /requirements/api.txt

# The letters that a reader may choose. Where they cannot be fetched, pages use the letters of the device.
FROM node:20-slim AS letters
COPY accessibility/fonts /fonts
RUN /fonts/fetch && mkdir -p /fonts/files

FROM python:3.11-slim AS api
# The voice that reads answers aloud, and what makes PDF, with letters for it; without them everything else works.
RUN apt-get update && apt-get install -y --no-install-recommends libespeak-ng1 libpango-1.0-0 libpangoft2-1.0-0 \
    libharfbuzz-subset0 fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home know && mkdir -p /app/var && chown know /app/var
WORKDIR /app
COPY --from=api-packages /venv /venv
COPY accessibility ./accessibility
COPY --from=letters /fonts/files ./accessibility/fonts/files
COPY content ./content
COPY api ./api
COPY LICENSE NOTICE ./
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 KNOW_HOST=0.0.0.0
USER know
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["sh", "-c", "python -m api prepare && exec python -m api serve"]

# What the bot learns from is made of the cards and of bot/lines; neither goes into its image.
FROM api AS training-lines
COPY bot/lines ./bot/lines
USER root
RUN python -m content train

FROM python:3.10-slim AS bot-packages
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY requirements/uv.txt requirements/bot.txt /requirements/
RUN python -m pip install --no-cache-dir uv==0.13.9 \
 && uv venv /venv && VIRTUAL_ENV=/venv uv pip sync --no-cache /requirements/bot.txt
COPY bot /app/bot
COPY --from=training-lines /app/bot/data /app/bot/data
COPY LICENSE NOTICE /app/
COPY requirements/bot.txt /app/requirements/bot.txt
RUN /venv/bin/python /app/bot/train.py && rm -rf /app/bot/lines

FROM python:3.10-slim AS bot
RUN useradd --system --create-home know
WORKDIR /app
COPY --from=bot-packages /venv /venv
COPY --from=bot-packages /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER know
EXPOSE 5005
# The token comes from BOT_TOKEN. Publish this port to the API's network only.
CMD ["python", "bot/serve.py", "--host", "0.0.0.0"]
