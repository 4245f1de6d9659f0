"""/v1/products"""

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import ProductsApi
from shop.contracts.errors import EditConflict, StockBelowZero, UnknownProduct
from shop.contracts.views import Listed, ProductView
from shop.messaging.rpc_client import rpc_client

PRODUCT = Answer(shape=shapes.Product, versioned=True)
ONE = "/v1/products/<uuid:product_id>"


class ProductRoutes:
    products: ProductsApi = rpc_client(ProductsApi)

    @route(
        "GET",
        "/v1/products",
        access=Access.ANYONE,
        query=schemas.ProductsQuery,
        answer=Answer(shape=shapes.Product, many=True),
    )
    def list_products(self, call: Call) -> Listed[ProductView]:
        """List available products."""
        return self.products.list_products(**call.query)

    @route("GET", ONE, access=Access.ANYONE, answer=PRODUCT, refusals=[UnknownProduct])
    def get_product(self, _call: Call, product_id: str) -> ProductView:
        """Get an available product."""
        return self.products.get_product(product_id)

    @route(
        "POST",
        "/v1/products",
        access=Access.MANAGER,
        body=schemas.NewProduct,
        answer=Answer(status=201, shape=shapes.Product, location="/v1/products/{id}", versioned=True),
    )
    def add_product(self, call: Call) -> ProductView:
        """Add a product."""
        return self.products.add_product(**call.body, key=call.key)

    @route(
        "PATCH",
        ONE,
        access=Access.MANAGER,
        body=schemas.ProductChanges,
        answer=PRODUCT,
        refusals=[UnknownProduct, EditConflict],
        edits=True,
    )
    def edit_product(self, call: Call, product_id: str) -> ProductView:
        """Update the given fields of a product. Existing orders keep their name and price."""
        return call.edit(self.products.edit_product, product_id, call.body)

    @route(
        "POST",
        f"{ONE}/stock",
        access=Access.MANAGER,
        body=schemas.StockChange,
        answer=PRODUCT,
        refusals=[UnknownProduct, StockBelowZero, EditConflict],
        edits=True,
    )
    def adjust_stock(self, call: Call, product_id: str) -> ProductView:
        """Add units to the stock, or remove some."""
        return call.edit(self.products.adjust_stock, product_id, call.body["delta"], call.body["reason"])

    @route(
        "DELETE",
        ONE,
        access=Access.MANAGER,
        answer=Answer(status=204),
        refusals=[UnknownProduct, EditConflict],
        edits=True,
    )
    def withdraw_product(self, call: Call, product_id: str) -> None:
        """Discontinue a product. Existing orders are not affected."""
        call.edit(self.products.withdraw_product, product_id)
