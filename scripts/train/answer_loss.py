"""The loss on answers, without the logits of prompts: with a small model and a large vocabulary these are a third of all work."""
import torch
from transformers import Trainer

from examples import IGNORED


def answer_loss(model, inputs, items=None):
    """The mean loss of the labelled tokens of one packed sequence, or with `items` their sum divided by it."""
    labels = inputs['labels'][0]
    at = (labels[1:] != IGNORED).nonzero()[:, 0]
    logits = model(**{name: value for name, value in inputs.items() if name != 'labels'}, logits_to_keep=at).logits[0]
    total = torch.nn.functional.cross_entropy(logits.float(), labels[at + 1], reduction='sum')
    return total / (len(at) if items is None else items)


class AnswerTrainer(Trainer):
    """A trainer whose batches are single sequences."""

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        loss = answer_loss(model, inputs, num_items_in_batch)
        return (loss, {}) if return_outputs else loss
