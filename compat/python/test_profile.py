"""Both methods of `client.organizations.organization_profile`."""

import cloudflare
import pytest

from seed import MERIDIAN, UNKNOWN_ID, VERA

PROFILE = {
    "business_address": '{"line1":"1 Stalk Street","zipcode":"12345"}',
    "business_email": "office@umbellifers.example",
    "business_name": "Umbellifers Ltd",
    "business_phone": "",
    "external_metadata": '{"tabs":"\\t", "unicode":"🌿"}',
}


def test_a_profile_that_was_put_comes_back_byte_for_byte(client):
    organization = client.organizations.create(name="Angelica")
    assert client.organizations.organization_profile.update(organization.id, **PROFILE) is None
    assert client.organizations.organization_profile.get(organization.id).to_dict() == PROFILE


def test_a_put_profile_shows_in_the_organization(client):
    organization = client.organizations.create(name="Angelica")
    client.organizations.organization_profile.update(organization.id, **PROFILE)
    assert client.organizations.get(organization.id).profile.to_dict() == PROFILE


def test_put_replaces_the_whole_profile(client):
    organization = client.organizations.create(name="Angelica", profile=PROFILE)
    other = {name: f"other {name}" for name in PROFILE}
    client.organizations.organization_profile.update(organization.id, **other)
    assert client.organizations.organization_profile.get(organization.id).to_dict() == other


def test_put_answers_204_without_a_body(client):
    organization = client.organizations.create(name="Angelica")
    response = client.organizations.organization_profile.with_raw_response.update(organization.id, **PROFILE)
    assert response.status_code == 204
    assert response.http_response.content == b""


def test_a_profile_that_was_never_set_is_not_found(client):
    organization = client.organizations.create(name="Angelica")
    with pytest.raises(cloudflare.NotFoundError):
        client.organizations.organization_profile.get(organization.id)


def test_the_profile_of_an_unknown_organization_is_not_found(client):
    with pytest.raises(cloudflare.NotFoundError):
        client.organizations.organization_profile.get(UNKNOWN_ID)
    with pytest.raises(cloudflare.NotFoundError):
        client.organizations.organization_profile.update(UNKNOWN_ID, **PROFILE)


def test_a_viewer_may_not_put_a_profile(connector):
    vera = connector.with_key(*VERA)
    with pytest.raises(cloudflare.PermissionDeniedError):
        vera.organizations.organization_profile.update(MERIDIAN, **PROFILE)


def test_a_profile_with_a_number_in_it_is_refused_at_its_place(client):
    organization = client.organizations.create(name="Angelica")
    with pytest.raises(cloudflare.BadRequestError) as refused:
        client.organizations.organization_profile.update(organization.id, **PROFILE | {"business_phone": 5550100})
    assert refused.value.errors[0].source.pointer == "/business_phone"
