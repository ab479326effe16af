"""Makes a small tree with an account in it, shows it with what happened there, and removes it again.

The client reads CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN by itself: pip install cloudflare
"""

from datetime import datetime, timedelta, timezone

from cloudflare import Cloudflare, ConflictError

client = Cloudflare()

acme = client.organizations.create(name="Acme")
shop = client.organizations.create(name="Acme Shop", parent={"id": acme.id})
account = client.accounts.create(name="Web shop", type="standard", unit={"id": shop.id})

for organization in client.organizations.list(containing={"account": account.id}):
    print("above the account:", organization.name)

try:
    client.organizations.delete(acme.id)
except ConflictError as refused:
    # Everything that is in the way, each with a code: docs/errors.md.
    for problem in refused.errors:
        print("refused:", problem.code, problem.message)

now = datetime.now(timezone.utc)
entries = client.organizations.logs.audit.list(acme.id, since=now - timedelta(hours=1), before=now + timedelta(hours=1))
for entry in entries:
    print(entry.action.description, "by", entry.actor.email)

for record in client.organizations.billing.usage.get(acme.id):
    print(record.billing_account_name, record.consumed_quantity, record.consumed_unit)

client.accounts.delete(account_id=account.id)
client.organizations.delete(shop.id)
client.organizations.delete(acme.id)
