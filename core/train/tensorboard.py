"""What a run learned, for TensorBoard: ``tensorboard --logdir data/runs``."""

from pathlib import Path

from core.train.runs import Run


def write_scalars(folder: Path, run: Run) -> None:
    """Write the run's curves, an epoch a step, and its final metrics beside those of the baselines."""
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for epoch in run.curves:
            writer.add_scalar(f"loss/tower {epoch.tower}", epoch.loss, epoch.epoch)
            writer.add_scalar(f"validation NDCG@10/tower {epoch.tower}", epoch.ndcg, epoch.epoch)
        for scores in filter(None, (run.scores, *run.baselines)):
            for name, value in scores.metrics.items():
                if value is not None:
                    writer.add_scalar(f"test/{name}/{scores.name}", value)
