"""All blocks of a template are shown: each has a place in one of the templates around it."""

import pytest
from jinja2 import nodes

from tests.web.support.managing import backoffice
from tests.web.support.visiting import storefront

SITES = {"storefront": storefront, "backoffice": backoffice}
TEMPLATES = [(site, name) for site, make in SITES.items() for name in make().jinja_env.list_templates(["html"])]


def parsed(site, name):
    environment = SITES[site]().jinja_env
    source, _, _ = environment.loader.get_source(environment, name)
    return environment.parse(source)


def parent_of(template):
    return next((node.template.value for node in template.body if isinstance(node, nodes.Extends)), None)


def places(site, name):
    """The blocks that a template or one of those that it extends has a place for."""
    template = parsed(site, name)
    parent = parent_of(template)
    own = {block.name for block in template.find_all(nodes.Block)} - (unplaced(template) if parent else set())
    return own | (places(site, parent) if parent else set())


def unplaced(template):
    """Blocks that fill a place of another template."""
    return {node.name for node in template.body if isinstance(node, nodes.Block)}


@pytest.mark.parametrize(("site", "name"), TEMPLATES)
def test_every_block_has_a_place_in_a_template_around_it(site, name):
    template = parsed(site, name)
    parent = parent_of(template)

    assert unplaced(template) - (places(site, parent) if parent else unplaced(template)) == set()
