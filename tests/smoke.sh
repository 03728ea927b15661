#!/usr/bin/env bash
# Walks a fresh server through the seven steps of the README: tests/smoke.sh http://127.0.0.1:8080
set -euo pipefail

url=${1:?usage: tests/smoke.sh BASE_URL}
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
step=''

# expect STATUS curl-arguments…: the body of the answer is then in $answer.
expect() {
    local wanted=$1 got
    shift
    got=$(curl --silent --output "$answer" --write-out '%{http_code}' "$@")
    if [ "$got" != "$wanted" ]; then
        echo "smoke: step $step: $wanted expected, $got answered by: curl $*" >&2
        cat "$answer" >&2
        exit 1
    fi
}

# field NAME: the first text member of that name in the answer.
field() {
    sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' "$answer" | head -n 1
}

holds() {
    if ! grep -qF -- "$1" "$answer"; then
        echo "smoke: step $step: the answer does not hold: $1" >&2
        cat "$answer" >&2
        exit 1
    fi
}

step='1, a fresh server'
expect 200 "$url/healthz"
expect 200 "$url/readyz"
expect 200 "$url/api/v2/buildinfo"
expect 404 "$url/api/v2/users/first"

step='2, the first user'
expect 201 "$url/api/v2/users/first" --json '{"email":"ada@example.com","username":"ada","password":"SomeSecurePassword!"}'
organization=$(field organization_id)
expect 409 "$url/api/v2/users/first" --json '{"email":"eve@example.com","username":"eve","password":"SomeSecurePassword!"}'

step='3, a session'
expect 201 "$url/api/v2/users/login" --json '{"email":"ada@example.com","password":"SomeSecurePassword!"}'
owner=$(field session_token)
expect 200 "$url/api/v2/users/me" -H "Coder-Session-Token: $owner"
expect 200 "$url/api/v2/users/me" -H "Authorization: Bearer $owner"
expect 200 "$url/api/v2/users/me" --cookie "coder_session_token=$owner"
expect 401 "$url/api/v2/users/me"

step='4, a member and a token'
expect 201 "$url/api/v2/users" -H "Coder-Session-Token: $owner" \
    --json '{"email":"bob@example.com","username":"bob","password":"MySecurePassword!","organization_ids":["'"$organization"'"]}'
bob=$(field id)
expect 200 "$url/api/v2/users" -H "Coder-Session-Token: $owner"
holds '"count":2'
expect 200 "$url/api/v2/users/$bob" -H "Coder-Session-Token: $owner"
expect 200 "$url/api/v2/users/bob" -H "Coder-Session-Token: $owner"
expect 201 "$url/api/v2/users/login" --json '{"email":"bob@example.com","password":"MySecurePassword!"}'
member=$(field session_token)
expect 201 "$url/api/v2/users/me/keys/tokens" -H "Coder-Session-Token: $member" --json '{"token_name":"spare"}'
spare=$(field key)
expect 201 "$url/api/v2/users/me/keys/tokens" -H "Coder-Session-Token: $member" --json '{"token_name":"kept"}'
token=$(field key)
expect 200 "$url/api/v2/users/me" -H "Coder-Session-Token: $spare"
expect 204 -X DELETE "$url/api/v2/users/me/keys/${spare%%-*}" -H "Coder-Session-Token: $member"
expect 401 "$url/api/v2/users/me" -H "Coder-Session-Token: $spare"

step='5, an experiment'
expect 404 "$url/api/experimental/unknown"
unknown=$(cat "$answer")
for method in GET POST PUT PATCH DELETE; do
    for key in "$owner" none; do
        expect 404 -X "$method" "$url/api/experimental/users/bob/skills" -H "Coder-Session-Token: $key"
        holds "$unknown"
    done
done
expect 200 -X PUT "$url/api/v2/features/user-skills" -H "Coder-Session-Token: $owner" --json '{"enabled":true,"reason":"trial"}'
expect 200 "$url/api/v2/experiments" -H "Coder-Session-Token: $member"
holds '["user-skills"]'
expect 201 "$url/api/experimental/users/me/skills" -H "Coder-Session-Token: $member" \
    --json '{"content":"---\nname: tidy\ndescription: Trim old logs\n---\nDo it.\n"}'
expect 200 "$url/api/experimental/users/me/skills" -H "Coder-Session-Token: $member"
holds '"description":"Trim old logs"'
expect 200 "$url/api/experimental/users/me/skills/tidy" -H "Coder-Session-Token: $member"
expect 200 -X PUT "$url/api/v2/users/me/appearance" -H "Coder-Session-Token: $member" --json '{"theme_preference":"dark"}'
expect 200 "$url/api/v2/users/me/appearance" -H "Coder-Session-Token: $member"
holds '"theme_preference":"dark"'

step='6, a deleted user'
expect 200 -X DELETE "$url/api/v2/users/bob" -H "Coder-Session-Token: $owner"
expect 401 "$url/api/v2/users/me" -H "Coder-Session-Token: $member"
expect 401 "$url/api/v2/users/me" -H "Coder-Session-Token: $token"
expect 409 "$url/api/experimental/users/$bob/skills" -H "Coder-Session-Token: $owner" --json '{"content":"---\nname: late\n---\nDo it.\n"}'

step='7, the log'
expect 200 "$url/api/v2/audit?limit=1" -H "Coder-Session-Token: $owner"
holds '"action":"delete"'
holds '"resource_target":"bob"'
holds '"ip":"127.0.0.1"'
expect 200 "$url/api/v2/audit?q=action:create%20resource_type:user" -H "Coder-Session-Token: $owner"
holds '"hashed_password":{"secret":true}'
expect 200 "$url/docs/index.html"
expect 200 "$url/openapi/v1.json"

echo 'smoke: all seven steps passed'
