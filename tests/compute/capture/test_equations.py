import pytest
import torch

from compute.capture import equations

ANY = torch.zeros(1)


@pytest.mark.parametrize(
    ("text", "scores", "mixes"),
    [
        ("ibnd,jbnd->bnij", True, False),
        ("bhid, bhjd -> bhij", True, True),  # which it is depends on the operand
        ("bnij,jbnd->ibnd", False, True),
        ("bhij,bhjd->bihd", False, True),
        ("bhij,hg->bgij", False, False),  # heads are mixed
        ("bhid,bhid->bhi", False, False),
        ("bid,hjd->bhij", False, False),  # one side has no heads
        ("ij,jk->ik", False, False),
    ],
)
def test_what_an_equation_does(text, scores, mixes):
    found = equations.parse((text, ANY, ANY))
    assert (found.scores, found.mixes) == (scores, mixes)


@pytest.mark.parametrize("text", ["bhid,bhjd", "...id,...jd->...ij", "biid,bjd->bij", "i,j,k->ijk"])
def test_others_are_no_equation_of_two(text):
    assert equations.parse((text, ANY, ANY)) is None
    assert equations.parse(("bid->bdi", ANY)) is None


def test_operands_come_in_one_order():
    q, k = torch.randn(5, 2, 3, 4), torch.randn(7, 2, 3, 4)
    found = equations.parse(("ibnd,jbnd->bnij", [q, k]))
    factors = found.factors(("ibnd,jbnd->bnij", [q, k]))
    product = factors[0] @ factors[1].transpose(-1, -2)
    torch.testing.assert_close(product, torch.einsum("ibnd,jbnd->bnij", q, k))
    mixing = equations.parse(("bnij,jbnd->ibnd", product, k))
    out = torch.einsum("bnij,jbnd->ibnd", product, k)
    torch.testing.assert_close(mixing.output(out), product @ mixing.second_operand((0, product, k)))
    assert torch.equal(mixing.back(mixing.output(out)), out)
