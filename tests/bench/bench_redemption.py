"""Who redeems which coupons in a grocer's year: 27 campaigns, 2,469 households; fitted on early ones, judged on the latest.

``python -m tests.bench.bench_redemption [HOME]``: a workspace that is kept; what it lacks is imported and encoded. Without one
all is done in a temporary workspace. Targets: the model's AUC beats popularity and logistic regression on RFM, the 95 % intervals
of the differences above 0; its Brier score is below theirs.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from core.base.db import Store, open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from core.ingest.load import import_file
from core.profiles.coupons import CouponReport, coupon_campaigns, coupon_report
from core.train.redemption import POPULARITY, RFM_ONLY, rebuild_coupons
from tests.bench.shops import SHOPS, prepare
from tests.conftest import DATA

FILES = ("campaign_descriptions", "campaigns", "coupons", "coupon_redemptions", "demographics")
FOLDER = DATA / "complete_journey"


def main() -> int:
    """Print the figures; return 1 where a target is missed."""
    if len(sys.argv) > 1:
        return bench(Path(sys.argv[1]))
    with TemporaryDirectory() as folder:
        return bench(Path(folder))


def bench(home: Path) -> int:
    """Judge one workspace; return 1 where a target is missed."""
    settings, workspace = load_settings({}, home=home), open_workspace(home)
    if not workspace.store.exists():
        prepare(next(shop for shop in SHOPS if shop.name == "complete_journey"), home)
    store = open_store(workspace, settings, [FOLDER])
    for name in FILES:
        import_file(store, workspace, FOLDER / f"{name}.parquet")
    start = time.process_time()
    rebuild_coupons(store, settings, force=True)
    print(f"{time.process_time() - start:.1f} s of CPU time")
    report = coupon_report(store)
    print(report.state)
    if report.fitted:
        _show(store, report)
    store.close()
    return int(not report.fitted or _missed(report))


def _show(store: Store, report: CouponReport) -> None:
    train, middle, test = zip(report.campaigns, report.sent, strict=True)
    print(f"fitted on {train}, calibrated on {middle} from {report.split[0]}, judged on {test} from {report.split[1]}")
    print(f"(campaigns, pairs of campaign and household); {report.dropped} pairs across a split left out")
    print(f"{report.redeemed:.4f} of the pairs judged redeemed; in force: {report.chosen}")
    for one in report.rated:
        judged, gain = one.judged, "" if one.gain is None else f"; in force better by {one.gain[0]:+.4f} to {one.gain[1]:+.4f}"
        print(
            f"  {one.name:28} AUC {judged.auc:.4f} ({one.auc[0]:.4f} to {one.auc[1]:.4f}), "
            f"Brier {judged.brier:.4f} ({one.brier[0]:.4f} to {one.brier[1]:.4f}), "
            f"calibration error {judged.gap:.4f} ({one.gap[0]:.4f} to {one.gap[1]:.4f}){gain}"
        )
    for each in report.rated[0].judged.reliability:
        print(f"    told {each.predicted:.3f}, redeemed {each.observed:.3f} ({each.low:.3f} to {each.high:.3f}), {each.shoppers}")
    for label, lost in report.importance:
        print(f"    without {label}: AUC {-lost:+.4f}")
    print(coupon_campaigns(store).head(6).to_string(index=False))


def _missed(report: CouponReport) -> bool:
    rated = {one.name: one for one in report.rated}
    ours, rivals = report.rated[0], (rated[POPULARITY], rated[RFM_ONLY])
    return any(one.gain is None or one.gain[0] <= 0 or one.judged.brier <= ours.judged.brier for one in rivals)


if __name__ == "__main__":
    sys.exit(main())
