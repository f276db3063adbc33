"""The portal's addresses."""

from django.urls import URLPattern, URLResolver, path

from fanlight.portal.views import (
    browse,
    home,
    integrations,
    promises,
    runs,
    search,
    settings,
    sign_in,
    source_form,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("promises", promises.promises, name="promises"),
    path("promises/", promises.with_slash, name="promises-slash"),
    path("promises/statements/<slug:connector>/", promises.statements, name="statements"),
    path(".well-known/promises.json", promises.as_json, name="promises-json"),
    path("search/", search.search, name="search"),
    path("search/hits/", search.hits, name="search-hits"),
    path("sign-in/", sign_in.explain, name="sign-in"),
    path("sign-in/<str:token>/", sign_in.use_link, name="sign-in-link"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("integrations/", integrations.every, name="integrations"),
    path("integrations/add/", source_form.choose, name="integration-choose"),
    path("integrations/add/<slug:connector>/", source_form.add, name="integration-add"),
    path("integrations/add/<slug:connector>/script/", source_form.script, name="integration-script"),
    path("integrations/<uuid:integration_id>/", integrations.one, name="integration"),
    path("integrations/<uuid:integration_id>/state/", integrations.state, name="integration-state"),
    path("integrations/<uuid:integration_id>/edit/", source_form.edit, name="integration-edit"),
    path("integrations/<uuid:integration_id>/test/", integrations.test, name="integration-test"),
    path("integrations/<uuid:integration_id>/extract/", integrations.extract, name="integration-extract"),
    path("integrations/<uuid:integration_id>/runs/<uuid:run_id>/", runs.run_page, name="run"),
    path("browse/", browse.browse, name="browse"),
    path("browse/<uuid:integration_id>/", browse.integration, name="browse-integration"),
    path("assets/<uuid:asset_id>/", browse.asset, name="asset"),
    path("assets/<uuid:asset_id>/<slug:part>/", browse.asset, name="asset-part"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/organization/", settings.organization_name, name="settings-organization"),
    path("settings/name/", settings.my_name, name="settings-name"),
]
