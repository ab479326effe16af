# A root with an organization below it. The provider reads CLOUDFLARE_API_TOKEN.

terraform {
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.22"
    }
  }
}

provider "cloudflare" {
  base_url = "http://127.0.0.1:8787/client/v4"
}

resource "cloudflare_organization" "acme" {
  name = "Acme"
}

resource "cloudflare_organization" "europe" {
  name   = "Acme Europe"
  parent = { id = cloudflare_organization.acme.id }
}
