"""/v1/categories"""

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.paging import page_by_key
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import ProductsApi
from shop.contracts.errors import CategoryInUse, EditConflict, UnknownCategory
from shop.contracts.views import CategoryView, Listed
from shop.messaging.rpc_client import rpc_client
from shop.text.matching import sort_key

CATEGORY = Answer(shape=shapes.Category, versioned=True)
ONE = "/v1/categories/<uuid:category_id>"


class CategoryRoutes:
    products: ProductsApi = rpc_client(ProductsApi)

    @route(
        "GET",
        "/v1/categories",
        access=Access.ANYONE,
        query=schemas.Page,
        answer=Answer(shape=shapes.Category, many=True),
    )
    def list_categories(self, call: Call) -> Listed[CategoryView]:
        """List categories by name, each with its number of available products."""
        categories = self.products.list_categories()
        return page_by_key(categories, lambda one: (sort_key(one["name"]), one["id"]), **call.query)

    @route("GET", ONE, access=Access.ANYONE, answer=CATEGORY, refusals=[UnknownCategory])
    def get_category(self, _call: Call, category_id: str) -> CategoryView:
        """Get a category."""
        return self.products.get_category(category_id)

    @route(
        "POST",
        "/v1/categories",
        access=Access.MANAGER,
        body=schemas.CategoryName,
        answer=Answer(status=201, shape=shapes.Category, location="/v1/categories/{id}", versioned=True),
    )
    def add_category(self, call: Call) -> CategoryView:
        """Add a category."""
        return self.products.add_category(call.body["name"], key=call.key)

    @route(
        "PATCH",
        ONE,
        access=Access.MANAGER,
        body=schemas.CategoryName,
        answer=CATEGORY,
        refusals=[UnknownCategory, EditConflict],
        edits=True,
    )
    def rename_category(self, call: Call, category_id: str) -> CategoryView:
        """Rename a category."""
        return call.edit(self.products.rename_category, category_id, call.body["name"])

    @route(
        "DELETE",
        ONE,
        access=Access.MANAGER,
        answer=Answer(status=204),
        refusals=[UnknownCategory, CategoryInUse, EditConflict],
        edits=True,
    )
    def remove_category(self, call: Call, category_id: str) -> None:
        """Delete an empty category."""
        call.edit(self.products.remove_category, category_id)
