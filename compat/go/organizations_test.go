// Package compat runs the official Go client against the server that UMBEL_COMPAT_URL names.
package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/cloudflare/cloudflare-go/v6"
	"github.com/cloudflare/cloudflare-go/v6/accounts"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/organizations"
)

var (
	ctx = context.Background()
	url = os.Getenv("UMBEL_COMPAT_URL")
	// The base URLs at which the API is served.
	bases = map[string]string{"at the root": url, "under the prefix": url + "/client/v4"}
)

// call asks our own part of the API, which the client does not know.
func call(t *testing.T, path, email, key string, body any) map[string]any {
	t.Helper()
	sent, _ := json.Marshal(body)
	request, _ := http.NewRequest("POST", url+"/umbel/v1"+path, bytes.NewReader(sent))
	request.Header.Set("X-Auth-Email", email)
	request.Header.Set("X-Auth-Key", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var envelope struct{ Result map[string]any }
	if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil || response.StatusCode != 200 {
		t.Fatalf("POST %s: %s %v", path, response.Status, err)
	}
	return envelope.Result
}

var people int

// newPerson makes a user who is in no organization yet, and returns a token of theirs.
func newPerson(t *testing.T) string {
	t.Helper()
	people++
	email := fmt.Sprintf("gopher-%d@compat.example", people)
	user := call(t, "/users", os.Getenv("UMBEL_COMPAT_EMAIL"), os.Getenv("UMBEL_COMPAT_KEY"), map[string]string{"email": email})
	return call(t, "/tokens", email, user["api_key"].(string), map[string]string{"name": "compat"})["value"].(string)
}

func named(name, parent string) organizations.OrganizationParam {
	new := organizations.OrganizationParam{Name: cloudflare.F(name)}
	if parent != "" {
		new.Parent = cloudflare.F(organizations.OrganizationParentParam{ID: cloudflare.F(parent)})
	}
	return new
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func equal[T comparable](t *testing.T, is, shall T) {
	t.Helper()
	if is != shall {
		t.Errorf("is %v, not %v", is, shall)
	}
}

func TestTheLifeOfAnOrganization(t *testing.T) {
	for place, base := range bases {
		t.Run(place, func(t *testing.T) {
			client := cloudflare.NewClient(option.WithBaseURL(base), option.WithAPIToken(newPerson(t))).Organizations
			one := must[*organizations.Organization](t)
			root := one(client.New(ctx, organizations.OrganizationNewParams{Organization: named("Angelica", "")}))
			child := one(client.New(ctx, organizations.OrganizationNewParams{Organization: named("Archangelica", root.ID)}))
			equal(t, child.Parent.Name, "Angelica")
			equal(t, one(client.Get(ctx, child.ID)).CreateTime, child.CreateTime)
			changed := organizations.OrganizationUpdateParams{Organization: named("Sylvestris", "")}
			equal(t, one(client.Update(ctx, child.ID, changed)).Name, "Sylvestris")

			var names []string
			all := client.ListAutoPaging(ctx, organizations.OrganizationListParams{})
			for all.Next() {
				names = append(names, all.Current().Name)
			}
			if all.Err() != nil || !slices.Equal(names, []string{"Angelica", "Sylvestris"}) {
				t.Errorf("%v %v", names, all.Err())
			}
			if _, err := client.Delete(ctx, child.ID); err != nil {
				t.Fatal(err)
			}
			_, err := client.Get(ctx, child.ID)
			equal(t, status(err), http.StatusNotFound)
		})
	}
}

func TestAProfileComesBackAsItWasPut(t *testing.T) {
	client := cloudflare.NewClient(option.WithBaseURL(bases["under the prefix"]), option.WithAPIToken(newPerson(t))).Organizations
	root := must[*organizations.Organization](t)(client.New(ctx, organizations.OrganizationNewParams{Organization: named("Angelica", "")}))
	profile := accounts.AccountProfileParam{
		BusinessAddress:  cloudflare.F(`{"line1":"1 Stalk Street"}`),
		BusinessEmail:    cloudflare.F("office@umbellifers.example"),
		BusinessName:     cloudflare.F("Umbellifers Ltd"),
		BusinessPhone:    cloudflare.F(""),
		ExternalMetadata: cloudflare.F(`{"unicode":"🌿"}`),
	}
	if err := client.OrganizationProfile.Update(ctx, root.ID, organizations.OrganizationProfileUpdateParams{AccountProfile: profile}); err != nil {
		t.Fatal(err)
	}
	shown := must[*accounts.AccountProfile](t)(client.OrganizationProfile.Get(ctx, root.ID))
	equal(t, shown.ExternalMetadata, profile.ExternalMetadata.Value)
}

func TestAMemberIsAddedAndRemoved(t *testing.T) {
	client := cloudflare.NewClient(option.WithBaseURL(bases["under the prefix"]), option.WithAPIToken(newPerson(t))).Organizations
	root := must[*organizations.Organization](t)(client.New(ctx, organizations.OrganizationNewParams{Organization: named("Angelica", "")}))
	user := organizations.MemberNewParamsMemberUser{Email: cloudflare.F("ann@compat.example")}
	new := organizations.MemberNewParams{Member: cloudflare.F(organizations.MemberNewParamsMember{User: cloudflare.F(user)})}
	added := must[*organizations.OrganizationMember](t)(client.Members.New(ctx, root.ID, new))
	shown := must[*organizations.OrganizationMember](t)(client.Members.Get(ctx, root.ID, added.ID))
	equal(t, shown.User.Email, "ann@compat.example")
	if err := client.Members.Delete(ctx, root.ID, added.ID); err != nil {
		t.Fatal(err)
	}
}

func TestARefusalIsFinalAndSaysWhy(t *testing.T) {
	token := newPerson(t)
	for name, refused := range map[string]struct {
		token string
		call  func(client *organizations.OrganizationService, root string) error
		with  int
	}{
		"bad request":  {token, func(client *organizations.OrganizationService, _ string) error { return create(client, "") }, 400},
		"unauthorized": {token + "x", func(client *organizations.OrganizationService, _ string) error { return create(client, "Mine") }, 401},
		"not found":    {token, func(client *organizations.OrganizationService, _ string) error { return remove(client, "nowhere") }, 404},
		"conflict":     {token, remove, 409},
	} {
		t.Run(name, func(t *testing.T) {
			sent := 0
			count := func(request *http.Request, next option.MiddlewareNext) (*http.Response, error) {
				sent++
				return next(request)
			}
			owner := cloudflare.NewClient(option.WithBaseURL(bases["under the prefix"]), option.WithAPIToken(token)).Organizations
			root := must[*organizations.Organization](t)(owner.New(ctx, organizations.OrganizationNewParams{Organization: named("Angelica", "")}))
			must[*organizations.Organization](t)(owner.New(ctx, organizations.OrganizationNewParams{Organization: named("Archangelica", root.ID)}))
			client := cloudflare.NewClient(option.WithBaseURL(bases["under the prefix"]), option.WithAPIToken(refused.token), option.WithMiddleware(count)).Organizations
			equal(t, status(refused.call(client, root.ID)), refused.with)
			equal(t, sent, 1)
		})
	}
}

// status is that of a refusal, which must say why.
func status(err error) int {
	var refusal *cloudflare.Error
	if !errors.As(err, &refusal) || len(refusal.Errors) == 0 || refusal.Errors[0].Code < 1000 {
		return 0
	}
	return refusal.StatusCode
}

func create(client *organizations.OrganizationService, name string) error {
	_, err := client.New(ctx, organizations.OrganizationNewParams{Organization: named(name, "")})
	return err
}

func remove(client *organizations.OrganizationService, id string) error {
	_, err := client.Delete(ctx, id)
	return err
}
