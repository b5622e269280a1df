#!/usr/bin/env bash
# The curl calls of Open WebUI's API guide, one after another, against a running server. Each call is printed with its
# answer and compared with what the API promises; the script ends with a status other than 0 when one differs.
#
#   BASE_URL=http://127.0.0.1:3000 API_KEY=sk-... examples/curl/api-guide.sh
#
# Optional: EMAIL and PASSWORD of the account (sign-in and the key's own route need a person's session),
#           CHAT_MODEL, EMBED_MODEL (the offline models otherwise), NO_COLOR=1.
# Needs bash and curl. It leaves nothing behind: what it uploads and creates it deletes.
set -u
export LC_ALL=C.UTF-8

BASE_URL="${BASE_URL:-http://127.0.0.1:3000}"
BASE_URL="${BASE_URL%/}"
API_KEY="${API_KEY:?Set API_KEY to a key of the server, such as the one printed at its first start}"
CHAT_MODEL="${CHAT_MODEL:-builtin/extractive}"
EMBED_MODEL="${EMBED_MODEL:-builtin/lexical-embed}"
AUTH="Authorization: Bearer $API_KEY"
JSON="Content-Type: application/json"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
calls=0
wrong=0
ANSWER=""

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold="" red="" plain=""; fi

# quoted WORDS... : the words as one would type them.
quoted() {
  local word
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=@%+,?-]+$ ]]; then printf ' %s' "$word"; else printf " '%s'" "${word//\'/\'\\\'\'}"; fi
  done
}

# call TITLE STATUS PATTERN CURL-ARGUMENTS... : runs curl, prints call and answer, expects the status and, in the answer,
# the extended regular expression (empty: any answer). The answer is left in $ANSWER.
call() {
  local title="$1" want="$2" pattern="$3" status shown
  shift 3
  calls=$((calls + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$calls" "$title" "$plain"
  shown="$(quoted "$@")"
  printf '$ curl%s\n' "${shown//$API_KEY/\$API_KEY}"
  status="$(curl -sS --max-time 120 -o "$work/answer" -w '%{http_code}' "$@" 2>"$work/errors")"
  ANSWER="$(tr -d '\0' <"$work/answer" 2>/dev/null)"
  : >"$work/answer"
  printf '%s  %s\n' "$status" "${ANSWER:0:600}"
  if [ "$status" != "$want" ]; then
    wrong=$((wrong + 1))
    printf '%sWRONG: the status should be %s. %s%s\n' "$red" "$want" "$(cat "$work/errors")" "$plain"
  elif [ -n "$pattern" ] && ! printf '%s' "$ANSWER" | grep -Eq -- "$pattern"; then
    wrong=$((wrong + 1))
    printf '%sWRONG: the answer should contain %s%s\n' "$red" "$pattern" "$plain"
  fi
}

# lacks PATTERN : the last answer must not contain it.
lacks() {
  if printf '%s' "$ANSWER" | grep -Eq -- "$1"; then
    wrong=$((wrong + 1))
    printf '%sWRONG: the answer should not contain %s%s\n' "$red" "$1" "$plain"
  fi
}

# first_id : the first "id" of the last answer.
first_id() {
  printf '%s' "$ANSWER" | grep -Eo '"id": ?"[^"]*"' | head -n 1 | cut -d '"' -f 4
}

printf 'The robot mower stops when it rains. Its code E-17 means that the wheel motor is too hot.\n' >"$work/mower.txt"
printf '東京支店の営業時間は午前九時から午後六時までです。返品は三十日以内に受け付けます。\n' >"$work/支店案内.txt"

# --- health, no key needed ---------------------------------------------------------------------------------------
call 'Is the server alive?' 200 '^\{"status":true\}$' "$BASE_URL/health"
call 'Is it ready for work?' 200 '"status":true' "$BASE_URL/ready"
call 'Which version of the API is it?' 200 '"version":"[0-9]+\.[0-9]+' "$BASE_URL/api/version"
call 'What do its figures say?' 200 '^# (HELP|TYPE) ' -H "$AUTH" "$BASE_URL/metrics"

# --- models ------------------------------------------------------------------------------------------------------
call 'List the models' 200 "\"data\":\[.*\"id\":\"$CHAT_MODEL\"" -H "$AUTH" "$BASE_URL/api/models"
call 'Nobody lists models without a key' 401 '^\{"detail":"Not authenticated"\}$' "$BASE_URL/api/models"

# --- chat completions --------------------------------------------------------------------------------------------
hello='{"model":"'$CHAT_MODEL'","messages":[{"role":"user","content":"Why is the sky blue?"}]}'
call 'Chat' 200 '"object":"chat\.completion".*"role":"assistant"|"role":"assistant".*"object":"chat\.completion"' \
  -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d "$hello"
call 'Chat, the answer as a stream' 200 'data: \[DONE\]' \
  -N -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d "${hello%\}},\"stream\":true}"
call 'A model that is not there' 400 '^\{"detail":"Model not found"\}$' \
  -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d '{"model":"no-such-model","messages":[]}'

# --- files -------------------------------------------------------------------------------------------------------
call 'Upload a file' 200 '"filename":"mower\.txt"' -X POST "$BASE_URL/api/v1/files/" -H "$AUTH" -H 'Accept: application/json' -F "file=@$work/mower.txt"
file_id="$(first_id)"
call 'Follow its processing to the end' 200 'data: \{"status":"completed"\}' -N -H "$AUTH" "$BASE_URL/api/v1/files/$file_id/process/status?stream=true"
call 'Ask for its status' 200 '^\{"status":"completed"\}$' -H "$AUTH" "$BASE_URL/api/v1/files/$file_id/process/status"
call 'Fetch its bytes' 200 'robot mower' -H "$AUTH" "$BASE_URL/api/v1/files/$file_id/content"
call 'Fetch its text' 200 '^\{"content":"The robot mower' -H "$AUTH" "$BASE_URL/api/v1/files/$file_id/data/content"
call 'Upload a Japanese file and wait for it' 200 '"status":"completed"' \
  -X POST "$BASE_URL/api/v1/files/?process_in_background=false" -H "$AUTH" -F "file=@$work/支店案内.txt"
japanese_id="$(first_id)"

# --- knowledge ---------------------------------------------------------------------------------------------------
call 'Create a knowledge base' 200 '"name":"Manuals"' \
  -X POST "$BASE_URL/api/v1/knowledge/create" -H "$AUTH" -H "$JSON" -d '{"name":"Manuals","description":"How things work"}'
knowledge_id="$(first_id)"
call 'Add the file to it' 200 "\"files\":\[.*$file_id" \
  -X POST "$BASE_URL/api/v1/knowledge/$knowledge_id/file/add" -H "$AUTH" -H "$JSON" -d '{"file_id":"'"$file_id"'"}'
call 'Add the Japanese file' 200 "$japanese_id" \
  -X POST "$BASE_URL/api/v1/knowledge/$knowledge_id/file/add" -H "$AUTH" -H "$JSON" -d '{"file_id":"'"$japanese_id"'"}'
call 'List its files' 200 '"total":2' -H "$AUTH" "$BASE_URL/api/v1/knowledge/$knowledge_id/files"

# --- chat with documents -----------------------------------------------------------------------------------------
ask() {
  printf '{"model":"%s","messages":[{"role":"user","content":"%s"}],"files":[%s]}' "$CHAT_MODEL" "$1" "$2"
}
as_file='{"type":"file","id":"'$file_id'"}'
as_collection='{"type":"collection","id":"'$knowledge_id'"}'
call 'Chat with a file' 200 '"sources":\[.*wheel motor' \
  -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d "$(ask 'What does E-17 mean?' "$as_file")"
call 'Chat with a knowledge base' 200 '"sources":\[.*wheel motor' \
  -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d "$(ask 'What does E-17 mean?' "$as_collection")"
call 'Chat with both' 200 '"type":"file".*"type":"collection"' \
  -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d "$(ask 'What does E-17 mean?' "$as_file,$as_collection")"
call 'Ask in Japanese' 200 '"sources":\[.*午後六時' \
  -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d "$(ask '東京支店は何時まで営業していますか' "$as_collection")"
call 'A file that is not there is an error, not an answer without it' 400 'There is no file' \
  -X POST "$BASE_URL/api/chat/completions" -H "$AUTH" -H "$JSON" -d "$(ask 'What?' '{"type":"file","id":"nope"}')"

# --- Ollama's API, as the guide calls it: without a Content-Type of JSON ---------------------------------------------
call 'Generate through /ollama' 200 '"done":true' \
  "$BASE_URL/ollama/api/generate" -H "$AUTH" -d '{"model":"'"$CHAT_MODEL"'","prompt":"Why is the sky blue?"}'
call 'List the models of /ollama' 200 '"models":\[' "$BASE_URL/ollama/api/tags" -H "$AUTH"
call 'Embed two texts' 200 '"embeddings":\[\[.*\],\[' \
  -X POST "$BASE_URL/ollama/api/embed" -H "$AUTH" -d '{"model":"'"$EMBED_MODEL"'","input":["Open WebUI is great!","Let'\''s generate embeddings."]}'
call 'No key, no /ollama' 401 '"detail"' "$BASE_URL/ollama/api/tags"

# --- accounts ----------------------------------------------------------------------------------------------------
call 'An API key is not a person' 403 'A human session is required' -H "$AUTH" "$BASE_URL/api/v1/auths/"
if [ -n "${EMAIL:-}" ] && [ -n "${PASSWORD:-}" ]; then
  call 'Sign in' 200 '"token_type":"Bearer"' \
    -X POST "$BASE_URL/api/v1/auths/signin" -H "$JSON" -d '{"email":"'"$EMAIL"'","password":"'"$PASSWORD"'"}'
  token="$(printf '%s' "$ANSWER" | grep -Eo '"token":"[^"]*"' | cut -d '"' -f 4)"
  call 'Who am I?' 200 '"role":"' -H "Authorization: Bearer $token" "$BASE_URL/api/v1/auths/"
  call 'Show the API key to the person' 200 '"api_key":"sk-' -H "Authorization: Bearer $token" "$BASE_URL/api/v1/auths/api_key"
fi
call 'A wrong password' 400 'incorrect' -X POST "$BASE_URL/api/v1/auths/signin" -H "$JSON" -d '{"email":"nobody@example.com","password":"wrong"}'

# --- what ENV=dev serves -----------------------------------------------------------------------------------------
if [ "${IS_DEV:-}" = 1 ]; then
  call 'The page with all routes' 200 '[Ss]wagger' "$BASE_URL/docs"
  call 'The description of all routes' 200 '"openapi":"3' "$BASE_URL/openapi.json"
fi

# --- and away with it --------------------------------------------------------------------------------------------
call 'Delete the knowledge base' 200 '^true$' -X DELETE "$BASE_URL/api/v1/knowledge/$knowledge_id/delete" -H "$AUTH"
call 'Delete the file' 200 'File deleted successfully' -X DELETE "$BASE_URL/api/v1/files/$file_id" -H "$AUTH"
call 'Delete the Japanese file' 200 'File deleted successfully' -X DELETE "$BASE_URL/api/v1/files/$japanese_id" -H "$AUTH"
call 'It is gone' 404 'could not find' "$BASE_URL/api/v1/files/$file_id" -H "$AUTH"
lacks 'mower'

printf '\n%s%d calls, %d wrong%s\n' "$bold" "$calls" "$wrong" "$plain"
[ "$wrong" -eq 0 ]
