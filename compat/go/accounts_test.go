package compat

import (
	"net/http"
	"slices"
	"testing"

	"github.com/cloudflare/cloudflare-go/v6"
	"github.com/cloudflare/cloudflare-go/v6/accounts"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/organizations"
)

func TestTheLifeOfAnAccount(t *testing.T) {
	for place, base := range bases {
		t.Run(place, func(t *testing.T) {
			client := cloudflare.NewClient(option.WithBaseURL(base), option.WithAPIToken(newPerson(t)))
			root := func(name string) string {
				new := organizations.OrganizationNewParams{Organization: named(name, "")}
				return must[*organizations.Organization](t)(client.Organizations.New(ctx, new)).ID
			}
			angelica, archangelica := root("Angelica"), root("Archangelica")
			one := must[*accounts.Account](t)
			unit := accounts.AccountNewParamsUnit{ID: cloudflare.F(angelica)}
			made := one(client.Accounts.New(ctx, accounts.AccountNewParams{Name: cloudflare.F("Seeds"), Unit: cloudflare.F(unit)}))
			equal(t, made.Type, accounts.AccountTypeStandard)
			account := accounts.AccountParam{ID: cloudflare.F(made.ID), Name: cloudflare.F("Roots"), Type: cloudflare.F(made.Type)}
			one(client.Accounts.Update(ctx, accounts.AccountUpdateParams{AccountID: cloudflare.F(made.ID), Account: account}))
			shown := one(client.Accounts.Get(ctx, accounts.AccountGetParams{AccountID: cloudflare.F(made.ID)}))
			equal(t, shown.Name, "Roots")
			equal(t, shown.CreatedOn, made.CreatedOn)

			one(client.Accounts.New(ctx, accounts.AccountNewParams{Name: cloudflare.F("Leaves"), Unit: cloudflare.F(unit)}))
			var names []string
			all := client.Accounts.ListAutoPaging(ctx, accounts.AccountListParams{PerPage: cloudflare.F(1.0)})
			for all.Next() {
				names = append(names, all.Current().Name)
			}
			if all.Err() != nil || !slices.Equal(names, []string{"Roots", "Leaves"}) {
				t.Errorf("%v %v", names, all.Err())
			}

			move := accounts.AccountOrganizationNewParams{AccountID: cloudflare.F(made.ID), DestinationOrganizationID: cloudflare.F(archangelica)}
			moved := must[*accounts.AccountOrganizationNewResponse](t)(client.Accounts.AccountOrganizations.New(ctx, move))
			equal(t, moved.SourceOrganizationID, angelica)
			held := must[*[]organizations.OrganizationAccountGetResponse](t)(
				client.Organizations.OrganizationAccounts.Get(ctx, archangelica, organizations.OrganizationAccountGetParams{}))
			equal(t, len(*held), 1)
			equal(t, (*held)[0].ID, made.ID)

			if _, err := client.Accounts.Delete(ctx, accounts.AccountDeleteParams{AccountID: cloudflare.F(made.ID)}); err != nil {
				t.Fatal(err)
			}
			_, err := client.Accounts.Get(ctx, accounts.AccountGetParams{AccountID: cloudflare.F(made.ID)})
			equal(t, status(err), http.StatusNotFound)
		})
	}
}

func TestAMemberOfAnAccountIsInvitedAndRemoved(t *testing.T) {
	client := cloudflare.NewClient(option.WithBaseURL(bases["under the prefix"]), option.WithAPIToken(newPerson(t)))
	root := must[*organizations.Organization](t)(
		client.Organizations.New(ctx, organizations.OrganizationNewParams{Organization: named("Angelica", "")}))
	unit := accounts.AccountNewParamsUnit{ID: cloudflare.F(root.ID)}
	account := must[*accounts.Account](t)(
		client.Accounts.New(ctx, accounts.AccountNewParams{Name: cloudflare.F("Seeds"), Unit: cloudflare.F(unit)}))
	invited := accounts.MemberNewParamsBodyIAMCreateMemberWithRoles{
		Email: cloudflare.F("bea@compat.example"),
		Roles: cloudflare.F([]string{"viewer"}),
	}
	if _, err := client.Accounts.Members.New(ctx, accounts.MemberNewParams{AccountID: cloudflare.F(account.ID), Body: invited}); err != nil {
		t.Fatal(err)
	}
	members, err := client.Accounts.Members.List(ctx, accounts.MemberListParams{AccountID: cloudflare.F(account.ID)})
	if err != nil || len(members.Result) != 1 {
		t.Fatal(members, err)
	}
	member := members.Result[0]
	equal(t, member.User.Email, "bea@compat.example")
	if _, err := client.Accounts.Members.Delete(ctx, member.ID, accounts.MemberDeleteParams{AccountID: cloudflare.F(account.ID)}); err != nil {
		t.Fatal(err)
	}
}
