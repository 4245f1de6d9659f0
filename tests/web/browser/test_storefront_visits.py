"""What visitors see."""


def test_the_home_page_opens(page, storefront):
    page.goto(storefront)

    assert page.title() == "Home · Nameko Shop"
